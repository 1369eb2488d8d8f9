/** The documents, held against the code. */
@NullMarked
package io.handfast.proxy.docs;

import org.jspecify.annotations.NullMarked;
