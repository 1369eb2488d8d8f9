@NullMarked
package io.handfast.proxy.runtime;

import org.jspecify.annotations.NullMarked;
