package io.handfast.proxy.http;

/**
 * The head of a response, independent of the HTTP version. Mutable, confined to its stream's event
 * loop. Framing and hop-by-hop fields are not among the headers; a {@code content-length} is, if
 * the length is known. The reason phrase is the codec's.
 */
public final class ResponseHead {
  private final Headers headers;
  private int status;

  /**
   * @param status 100 to 599
   * @param headers the header fields
   */
  public ResponseHead(int status, Headers headers) {
    this.status = status;
    this.headers = headers;
  }

  /** A head without fields. */
  public static ResponseHead of(int status) {
    return new ResponseHead(status, new Headers());
  }

  /** Status code. */
  public int status() {
    return status;
  }

  /** Replaces the status code. */
  public void status(int newStatus) {
    status = newStatus;
  }

  /** The header fields. */
  public Headers headers() {
    return headers;
  }

  /** Whether a response of that status has no body whatever the request was: 1xx, 204, 304. */
  public boolean hasNoBody() {
    return (status < 200 && !isUpgrade()) || status == 204 || status == 304;
  }

  /** Whether it accepts an upgrade: a final response, behind which there is no HTTP any more. */
  public boolean isUpgrade() {
    return status == 101;
  }

  @Override
  public String toString() {
    return Integer.toString(status);
  }
}
