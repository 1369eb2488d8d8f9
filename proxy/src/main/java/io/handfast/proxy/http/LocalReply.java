package io.handfast.proxy.http;

import io.handfast.proxy.http.grpc.GrpcCode;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A response of the proxy's own. To a request of gRPC it goes as a {@code grpc-status} without a
 * body. Not thread-safe; used for one stream.
 */
public final class LocalReply {
  /**
   * What a client of gRPC is told instead of status and body.
   *
   * @param code the status
   * @param message a sentence for people
   * @param details a {@code google.rpc.Status} in base64; may be empty
   */
  public record Grpc(GrpcCode code, String message, String details) {}

  private final int status;
  private final Headers headers = new Headers();
  private final byte[] body;
  private String details = "direct_response";
  private @Nullable ResponseFlag flag;
  private @Nullable Grpc grpc;

  private LocalReply(int status, byte[] body) {
    this.status = status;
    this.body = body;
  }

  /** A reply with a body of that type; its {@code content-length} is added by itself. */
  public static LocalReply of(int status, String contentType, byte[] body) {
    LocalReply reply = new LocalReply(status, body);
    if (body.length > 0) {
      reply.headers.add("content-type", contentType);
    }
    return reply;
  }

  /** A reply in plain text. */
  public static LocalReply text(int status, String body) {
    return of(status, "text/plain", body.getBytes(StandardCharsets.UTF_8));
  }

  /** A reply without a body. */
  public static LocalReply empty(int status) {
    return new LocalReply(status, new byte[0]);
  }

  /** Adds a header field. */
  public LocalReply header(String name, String value) {
    headers.add(name, value);
    return this;
  }

  /**
   * A word for the access log that says which rule answered ({@code %RESPONSE_CODE_DETAILS%});
   * without spaces.
   */
  public LocalReply details(String text) {
    this.details = text;
    return this;
  }

  /** What is flagged in the access log. */
  public LocalReply flag(ResponseFlag responseFlag) {
    this.flag = responseFlag;
    return this;
  }

  /** What a client of gRPC is told; by default it follows from the status. */
  public LocalReply grpc(Grpc told) {
    this.grpc = told;
    return this;
  }

  /** Status code, 200 to 599. */
  public int status() {
    return status;
  }

  /** Header fields, without {@code content-length}. */
  public Headers headers() {
    return headers;
  }

  /** The body; not copied. */
  public byte[] body() {
    return body;
  }

  /** The word for the access log. */
  public String details() {
    return details;
  }

  /** What a client of gRPC is told; null if that follows from the status. */
  public @Nullable Grpc grpc() {
    return grpc;
  }

  /** The flag, or null. */
  public @Nullable ResponseFlag flag() {
    return flag;
  }
}
