@NullMarked
package io.handfast.proxy.tls;

import org.jspecify.annotations.NullMarked;
