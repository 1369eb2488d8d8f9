@NullMarked
package io.handfast.proxy.logging;

import org.jspecify.annotations.NullMarked;
