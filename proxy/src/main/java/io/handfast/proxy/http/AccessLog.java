package io.handfast.proxy.http;

import org.jspecify.annotations.Nullable;

/** Is told of every stream once, at its end, on its event loop: must not block. */
@FunctionalInterface
public interface AccessLog {
  /**
   * Writes one record.
   *
   * @param info complete
   * @param request as it was sent on, if it was; its filters' changes included. Null for a request
   *     that could not be parsed.
   * @param response as it was sent to the client; null if there was none
   * @param trailers as sent to the client; null if there were none
   */
  void log(
      StreamInfo info,
      @Nullable RequestHead request,
      @Nullable ResponseHead response,
      @Nullable Headers trailers);
}
