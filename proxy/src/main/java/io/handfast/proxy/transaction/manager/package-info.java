/**
 * The transaction manager as an operator writes it: {@link
 * io.handfast.proxy.transaction.manager.ManagerParser} makes a {@link
 * io.handfast.proxy.transaction.manager.ManagerConfig} of the bootstrap extension {@code
 * handfast.transaction_manager}, or says which field is wrong. Pure.
 */
@NullMarked
package io.handfast.proxy.transaction.manager;

import org.jspecify.annotations.NullMarked;
