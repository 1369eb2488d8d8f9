package io.handfast.tx.resource;

/**
 * A template that cannot be compiled, or a placeholder without a value.
 *
 * <p>The message is for the operator or the caller: it names the placeholder, what was expected and
 * what to do. It has no stack trace, for a request may cause it.
 */
public final class TemplateException extends Exception {
  private static final long serialVersionUID = 1L;

  TemplateException(String message) {
    super(message, null, false, false);
  }
}
