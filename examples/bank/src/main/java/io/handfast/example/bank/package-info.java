/** A bank: an ordinary HTTP service that knows nothing of Handfast. */
@NullMarked
package io.handfast.example.bank;

import org.jspecify.annotations.NullMarked;
