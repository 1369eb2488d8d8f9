package io.handfast.proxy.http.h2;

import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseHead;
import java.util.ArrayList;
import java.util.List;

/** Writes down what a stream is told. */
final class Events implements HttpStream.ServerEvents, HttpStream.ClientEvents {
  final List<String> told = new ArrayList<>();

  @Override
  public void onInformational(ResponseHead head) {
    told.add("informational " + head.status());
  }

  @Override
  public void onHead(ResponseHead head, boolean endStream) {
    told.add("head " + head.status() + (endStream ? " end" : ""));
  }

  @Override
  public void onData(Body data, boolean endStream) {
    told.add("data " + data.toUtf8() + (endStream ? " end" : ""));
  }

  @Override
  public void onTrailers(Headers trailers) {
    told.add("trailers " + trailers);
  }

  @Override
  public void onReset(ResetReason reason) {
    told.add("reset " + reason);
  }

  @Override
  public void onWritabilityChanged(boolean writable) {
    told.add("writable " + writable);
  }
}
