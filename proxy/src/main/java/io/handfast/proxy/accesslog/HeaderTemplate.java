package io.handfast.proxy.accesslog;

import io.handfast.proxy.http.HeaderFormat;

/** The operators of the access log in values of headers. Pure. */
public final class HeaderTemplate {

  private HeaderTemplate() {}

  /**
   * Reads a value; where an operator has nothing to say there is nothing, as in Envoy.
   *
   * @throws IllegalArgumentException saying what is wrong with it and what was expected
   */
  public static HeaderFormat compile(String text) {
    Template template = Template.compile(text, "");
    if (template.isLiteral()) {
      String value = text.replace("%%", "%");
      return (info, request, response) -> value;
    }
    return (info, request, response) -> {
      StringBuilder value = new StringBuilder();
      template.append(new LogRecord(info, request, response, null), value);
      return value.toString();
    };
  }
}
