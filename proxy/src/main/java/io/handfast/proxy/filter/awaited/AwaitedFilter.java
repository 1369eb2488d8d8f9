package io.handfast.proxy.filter.awaited;

import io.handfast.proxy.config.extension.AwaitedFilterConfig;
import io.handfast.proxy.http.FilterStatus;
import io.handfast.proxy.http.HttpFilter;
import io.handfast.proxy.http.HttpFilterContext;
import io.handfast.proxy.http.HttpFilterFactory;
import io.handfast.proxy.http.LocalReply;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResponseFlag;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers 500: nobody knows whether the request may pass. Confined to its stream's event loop. */
public final class AwaitedFilter implements HttpFilter {
  private static final Logger LOG = LoggerFactory.getLogger(AwaitedFilter.class);

  private final HttpFilterContext context;

  private AwaitedFilter(HttpFilterContext context) {
    this.context = context;
  }

  /** Told once: of a filter that is not there when its connection manager goes live. */
  public static HttpFilterFactory factory(AwaitedFilterConfig config) {
    LOG.warn(
        "requests are answered 500: the filter is not there: extension_config={}",
        config.resource());
    return AwaitedFilter::new;
  }

  @Override
  public FilterStatus onRequestHead(RequestHead head, boolean endStream) {
    context.sendLocalReply(
        LocalReply.empty(500).details("").flag(ResponseFlag.NO_FILTER_CONFIG_FOUND));
    return FilterStatus.PAUSE;
  }
}
