@NullMarked
package io.handfast.proxy.route;

import org.jspecify.annotations.NullMarked;
