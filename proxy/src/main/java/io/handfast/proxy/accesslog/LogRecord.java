package io.handfast.proxy.accesslog;

import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.StreamInfo;
import org.jspecify.annotations.Nullable;

/**
 * What the operators of a format read.
 *
 * @param info facts about the stream
 * @param request as sent on; null if it could not be parsed
 * @param response as sent to the client; null if there was none
 * @param trailers as sent to the client; null if there were none
 */
record LogRecord(
    StreamInfo info,
    @Nullable RequestHead request,
    @Nullable ResponseHead response,
    @Nullable Headers trailers) {

  /** A header of the request, or one of its pseudo-headers; null if it is not there. */
  @Nullable String requestHeader(String name) {
    return request == null ? null : request.field(name);
  }

  /** A header of the response, or {@code :status}; null if it is not there. */
  @Nullable String responseHeader(String name) {
    if (response == null) {
      return null;
    }
    return name.equals(":status")
        ? Integer.toString(response.status())
        : response.headers().get(name);
  }

  /** A trailer of the response; null if it is not there. */
  @Nullable String trailer(String name) {
    return trailers == null ? null : trailers.get(name);
  }
}
