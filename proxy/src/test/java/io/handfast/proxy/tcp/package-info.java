@org.jspecify.annotations.NullMarked
package io.handfast.proxy.tcp;
