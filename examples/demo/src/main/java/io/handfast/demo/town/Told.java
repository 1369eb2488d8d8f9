package io.handfast.demo.town;

import io.grpc.Metadata;
import io.grpc.Status;
import java.util.Optional;

/**
 * What a client was told of its transfer.
 *
 * @param status the HTTP status, or the name of gRPC's; empty without an answer
 * @param txId the transaction, where the answer named it
 * @param detail the reason, for people; may be empty
 */
public record Told(Verdict verdict, String status, Optional<String> txId, String detail) {

  public enum Verdict {
    COMMITTED("committed"),
    ABORTED("aborted"),
    /** The boundary could not say. */
    UNKNOWN("unknown"),
    /** No answer came, or one that is silent on the outcome. */
    NOTHING("no verdict");

    public final String title;

    Verdict(String title) {
      this.title = title;
    }
  }

  public static Told nothing(String why) {
    return new Told(Verdict.NOTHING, "", Optional.empty(), why);
  }

  public static Told of(Rest.Reply reply) {
    Verdict verdict = verdict(reply.headers().firstValue("tx-outcome").orElse(""));
    String detail = reply.body().path("detail").asText(reply.body().path("title").asText(""));
    String status = String.valueOf(reply.status());
    return new Told(verdict, status, reply.headers().firstValue("tx-id"), detail);
  }

  /** The same over gRPC, where the outcome is told at the end. */
  public static Told of(Status status, Metadata trailers) {
    return new Told(
        verdict(value(trailers, "tx-outcome").orElse("")),
        status.getCode().name(),
        value(trailers, "tx-id"),
        Optional.ofNullable(status.getDescription()).orElse(""));
  }

  private static Optional<String> value(Metadata trailers, String name) {
    return Optional.ofNullable(
        trailers.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER)));
  }

  private static Verdict verdict(String outcome) {
    return switch (outcome) {
      case "committed" -> Verdict.COMMITTED;
      case "aborted" -> Verdict.ABORTED;
      case "unknown" -> Verdict.UNKNOWN;
      default -> Verdict.NOTHING;
    };
  }

  /** As one phrase: {@code aborted (422: bank-a: account alice: …)}. */
  @Override
  public String toString() {
    if (status.isEmpty()) {
      return verdict.title + " (" + detail + ")";
    }
    return verdict.title + " (" + status + (detail.isEmpty() ? "" : ": " + detail) + ")";
  }
}
