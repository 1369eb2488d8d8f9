package io.handfast.proxy.rfc9112;

import io.handfast.proxy.rfc9112.MessageReader.BadMessageException;
import io.handfast.proxy.rfc9112.MessageReader.Message;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a client saw of one case.
 *
 * @param outcome statuses, then how the connection went on
 * @param answers in canonical form, without the one to the request behind the case
 * @param raw every byte
 */
record Exchange(List<String> outcome, String answers, String raw) {
  private static final int READ_TIMEOUT_MS = 10_000;

  /** Sent behind every case on the same connection. */
  private static final String AFTER =
      "GET /after HTTP/1.1\r\nHost: after\r\nConnection: close\r\n\r\n";

  static final String AFTER_CANONICAL = "GET /after HTTP/1.1\r\nhost: after\r\n\r\n";

  static Exchange run(int port, CorpusCase each, boolean byteByByte) {
    String raw = talk(port, each.sent() + AFTER, byteByByte);
    return read(raw, each.isHead());
  }

  /** A request on a connection of its own; what came back. */
  static String sweep(int port) {
    return talk(
        port,
        "GET " + RecordingService.SWEEP + " HTTP/1.1\r\nHost: sweep\r\nConnection: close\r\n\r\n",
        false);
  }

  private static Exchange read(String raw, boolean isHead) {
    List<String> outcome = new ArrayList<>();
    StringBuilder answers = new StringBuilder();
    MessageReader reader = new MessageReader(raw);
    boolean toHead = isHead;
    while (!reader.atEnd()) {
      Optional<Message> next;
      try {
        next = reader.response(toHead, true);
      } catch (BadMessageException bad) {
        return new Exchange(List.of("bad: " + bad.getMessage()), answers.toString(), raw);
      }
      if (next.isEmpty()) {
        outcome.addAll(statusOfRest(reader.rest()));
        outcome.add(CorpusCase.TRUNCATED);
        return new Exchange(outcome, answers + reader.unfinishedResponse(), raw);
      }
      Message answer = next.get();
      if (answer.body().equals("/after")) {
        outcome.add(CorpusCase.KEPT);
        return new Exchange(outcome, answers.toString(), raw);
      }
      toHead &= answer.status() < 200;
      outcome.add(Integer.toString(answer.status()));
      answers.append(answer.text());
    }
    outcome.add(CorpusCase.CLOSED);
    return new Exchange(outcome, answers.toString(), raw);
  }

  private static List<String> statusOfRest(String rest) {
    return rest.startsWith("HTTP/1.") && rest.length() > 12
        ? List.of(rest.substring(9, 12))
        : List.of();
  }

  private static String talk(int port, String request, boolean byteByByte) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(READ_TIMEOUT_MS);
      socket.setTcpNoDelay(true);
      send(socket.getOutputStream(), request.getBytes(StandardCharsets.ISO_8859_1), byteByByte);
      return readToEnd(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void send(OutputStream out, byte[] request, boolean byteByByte) {
    try {
      int piece = byteByByte ? 1 : request.length;
      for (int at = 0; at < request.length; at += piece) {
        out.write(request, at, Math.min(piece, request.length - at));
      }
    } catch (IOException refusedInTheMiddle) {
      // What the proxy has answered can still be read.
    }
  }

  private static String readToEnd(InputStream in) {
    StringBuilder text = new StringBuilder();
    byte[] buffer = new byte[4096];
    try {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        text.append(new String(buffer, 0, count, StandardCharsets.ISO_8859_1));
      }
    } catch (SocketTimeoutException hangs) {
      throw new AssertionError("the proxy neither answers nor closes; so far: " + text, hangs);
    } catch (IOException reset) {
      // An abort by reset is an end too.
    }
    return text.toString();
  }

  String description() {
    return "the client got: " + raw;
  }
}
