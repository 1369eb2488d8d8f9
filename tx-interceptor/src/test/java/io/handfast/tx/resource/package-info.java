@NullMarked
package io.handfast.tx.resource;

import org.jspecify.annotations.NullMarked;
