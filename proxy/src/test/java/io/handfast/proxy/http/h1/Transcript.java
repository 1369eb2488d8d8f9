package io.handfast.proxy.http.h1;

import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseHead;
import java.io.ByteArrayOutputStream;
import java.util.HexFormat;

/**
 * What a stream was told, as text that does not depend on where the bytes were cut on their way.
 */
final class Transcript implements HttpStream.ServerEvents, HttpStream.ClientEvents {
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private final StringBuilder told = new StringBuilder();
  boolean ended;
  boolean reset;

  @Override
  public void onInformational(ResponseHead head) {
    told.append(head).append(fields(head.headers())).append('\n');
  }

  @Override
  public void onHead(ResponseHead head, boolean endStream) {
    told.append(head).append(fields(head.headers())).append('\n');
    end(endStream);
  }

  @Override
  public void onData(Body data, boolean endStream) {
    body.writeBytes(data.toByteArray());
    end(endStream);
  }

  @Override
  public void onTrailers(Headers trailers) {
    told.append("trailers ").append(fields(trailers)).append('\n');
    end(true);
  }

  void end(boolean endStream) {
    if (endStream) {
      if (ended || reset) {
        throw new AssertionError("a second end (expected: one)");
      }
      ended = true;
    }
  }

  @Override
  public void onReset(ResetReason reason) {
    if (ended || reset) {
      throw new AssertionError("reset " + reason + " behind the end");
    }
    reset = true;
    told.append("reset ").append(reason).append('\n');
  }

  @Override
  public void onWritabilityChanged(boolean writable) {
    // Hangs on the moment.
  }

  byte[] body() {
    return body.toByteArray();
  }

  static String fields(Headers headers) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < headers.size(); i++) {
      text.append(headers.name(i)).append('=').append(headers.value(i)).append('|');
    }
    return text.toString();
  }

  /** How much of a body came before it was broken off hangs on how it was cut. */
  @Override
  public String toString() {
    return reset
        ? told.toString()
        : told + "body " + HexFormat.of().formatHex(body()) + (ended ? " end" : "");
  }
}
