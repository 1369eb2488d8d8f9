@NullMarked
package io.handfast.tx.postgres;

import org.jspecify.annotations.NullMarked;
