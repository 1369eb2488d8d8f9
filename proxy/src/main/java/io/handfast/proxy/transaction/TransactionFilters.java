package io.handfast.proxy.transaction;

import io.handfast.proxy.http.HttpFilterFactory;
import io.handfast.tx.interceptor.TransactionInterceptor;

/** Makes the filter of a listener: inbound or outbound. */
public final class TransactionFilters {
  private TransactionFilters() {}

  /** The filter's factory for a configuration that {@link FilterParser} has made. */
  public static HttpFilterFactory factory(FilterConfig config, TransactionInterceptor interceptor) {
    return config.inbound()
        ? context -> new InboundFilter(context, interceptor, config.trusted())
        : context -> new OutboundFilter(context, interceptor);
  }
}
