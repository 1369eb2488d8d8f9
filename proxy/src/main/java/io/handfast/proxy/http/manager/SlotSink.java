package io.handfast.proxy.http.manager;

import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.ResponseSink;

/** Where the filter of one slot puts the response that it makes. Confined to the stream's loop. */
final class SlotSink implements ResponseSink {
  private final ManagedStream stream;
  private final ResponseWay response;
  private final int index;
  private boolean blocksRequest;

  SlotSink(ManagedStream stream, int index) {
    this.stream = stream;
    this.response = stream.response();
    this.index = index;
  }

  @Override
  public void informational(ResponseHead head) {
    if (response.mayComeFrom(index)) {
      response.informational(index, head);
    }
  }

  @Override
  public void head(ResponseHead head, boolean endStream) {
    if (response.mayComeFrom(index)) {
      response.respond(index, head, endStream);
    }
  }

  @Override
  public void data(Body data, boolean endStream) {
    if (response.mayComeFrom(index)) {
      response.dataTo(index - 1, data, endStream);
    }
    data.clear();
  }

  @Override
  public void trailers(Headers trailers) {
    if (response.mayComeFrom(index)) {
      response.trailersTo(index - 1, trailers);
    }
  }

  @Override
  public void truncate(ResetReason reason) {
    if (response.mayComeFrom(index)) {
      response.truncate(index, reason);
    }
  }

  @Override
  public void requestWritable(boolean writable) {
    if (blocksRequest == writable) {
      blocksRequest = !writable;
      stream.blockRequest(!writable);
    }
  }
}
