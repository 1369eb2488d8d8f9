@NullMarked
package io.handfast.tx.engine.observe;

import org.jspecify.annotations.NullMarked;
