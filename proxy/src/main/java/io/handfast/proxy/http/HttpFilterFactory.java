package io.handfast.proxy.http;

/**
 * Makes the instances of one configured filter; itself made once per configuration. Immutable or
 * thread-safe: every event loop calls it.
 */
@FunctionalInterface
public interface HttpFilterFactory {
  /**
   * A filter for the stream of that context, which stays the filter's way to act on the stream
   * until its end.
   */
  HttpFilter create(HttpFilterContext context);
}
