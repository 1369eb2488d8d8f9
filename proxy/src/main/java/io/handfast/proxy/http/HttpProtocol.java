package io.handfast.proxy.http;

/** A version of HTTP. */
public enum HttpProtocol {
  HTTP_1_0("HTTP/1.0"),
  HTTP_1_1("HTTP/1.1"),
  HTTP_2("HTTP/2");

  private final String text;

  HttpProtocol(String text) {
    this.text = text;
  }

  /** As it stands on the wire and in an access log. */
  public String text() {
    return text;
  }
}
