package io.handfast.benchmarks.tx;

import io.handfast.benchmarks.load.Wire;
import java.io.IOException;
import java.util.List;

/**
 * The service that calls: {@code /tx/N} and {@code /wait/N} try N participants, {@code /plain/N}
 * asks them for nothing. It carries on what an agent would. Thread-safe.
 */
final class Front implements Handler {
  private static final List<String> CARRIED = List.of("traceparent", "tracestate", "baggage");

  private final List<Caller> participants;

  /**
   * A service.
   *
   * @param participants by way of its sidecar
   */
  Front(List<Caller> participants) {
    this.participants = participants;
  }

  @Override
  public Answer serve(Request request) throws IOException {
    String[] parts = request.path().split("/", 3);
    String path = parts[1].equals("plain") ? "/plain" : "/try";
    StringBuilder headers = new StringBuilder();
    for (String name : CARRIED) {
      String value = Wire.field(request.head(), name);
      if (value != null) {
        headers.append(name).append(": ").append(value).append("\r\n");
      }
    }
    for (Caller participant : participants.subList(0, Integer.parseInt(parts[2]))) {
      Answer answer = participant.post(path, headers.toString(), request.body());
      if (answer.status() != 200) {
        return answer;
      }
    }
    return Answer.OK;
  }
}
