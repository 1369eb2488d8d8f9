/**
 * A breadth-first search over hashed states, of any {@link io.handfast.tx.explorer.search.World};
 * what it finds is drawn as a {@link io.handfast.tx.explorer.search.Chart}. It knows no
 * transactions.
 */
@NullMarked
package io.handfast.tx.explorer.search;

import org.jspecify.annotations.NullMarked;
