@NullMarked
package io.handfast.proxy.postgres;

import org.jspecify.annotations.NullMarked;
