/**
 * Where the data path and transactions meet, and the only place: the transaction filter translates
 * between a stream and {@link io.handfast.tx.interceptor.TransactionInterceptor}.
 */
@NullMarked
package io.handfast.proxy.transaction;

import org.jspecify.annotations.NullMarked;
