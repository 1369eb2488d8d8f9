package io.handfast.proxy.http.h1;

import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseHead;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keeps what a stream received. */
final class Received implements HttpStream.ServerEvents, HttpStream.ClientEvents {
  final StringBuilder body = new StringBuilder();
  final List<Integer> informational = new ArrayList<>();
  final List<Boolean> writability = new ArrayList<>();
  @Nullable ResponseHead head;
  @Nullable Headers trailers;
  @Nullable ResetReason reset;
  int ends;

  @Override
  public void onInformational(ResponseHead response) {
    informational.add(response.status());
  }

  @Override
  public void onHead(ResponseHead response, boolean endStream) {
    head = response;
    ends += endStream ? 1 : 0;
  }

  @Override
  public void onData(Body data, boolean endStream) {
    body.append(data.toUtf8());
    ends += endStream ? 1 : 0;
  }

  @Override
  public void onTrailers(Headers fields) {
    trailers = fields;
    ends++;
  }

  @Override
  public void onReset(ResetReason reason) {
    reset = reason;
  }

  @Override
  public void onWritabilityChanged(boolean writable) {
    writability.add(writable);
  }

  ResponseHead head() {
    ResponseHead known = head;
    if (known == null) {
      throw new AssertionError("head: none (expected: one)");
    }
    return known;
  }
}
