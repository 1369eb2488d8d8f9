package io.handfast.proxy.transaction;

import io.handfast.proxy.http.HttpFilterContext;
import io.handfast.proxy.http.HttpFilterFactory;
import io.handfast.proxy.http.tls.TlsInfo;
import io.handfast.tx.interceptor.TransactionInterceptor;

/** Makes the filter of a listener: inbound or outbound. */
public final class TransactionFilters {
  private TransactionFilters() {}

  /** The filter's factory for a configuration that {@link FilterParser} has made. */
  public static HttpFilterFactory factory(FilterConfig config, TransactionInterceptor interceptor) {
    return config.inbound()
        ? context -> new InboundFilter(context, interceptor, isTrusted(config, context))
        : context -> new OutboundFilter(context, interceptor);
  }

  /** T6: a certificate that nobody verified, or that is a person's and no workload's, is none. */
  private static boolean isTrusted(FilterConfig config, HttpFilterContext context) {
    TlsInfo tls = context.info().connection().tls();
    return config.trustsAnybody() || (tls != null && tls.verifiedIdentity() != null);
  }
}
