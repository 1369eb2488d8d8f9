/** {@code handfast init}: what it says, and what the kernel makes of it. */
@NullMarked
package io.handfast.proxy.redirect;

import org.jspecify.annotations.NullMarked;
