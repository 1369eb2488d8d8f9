package io.handfast.proxy.config.extension;

import com.google.protobuf.Message;
import org.jspecify.annotations.Nullable;

/** Parses one kind of {@code bootstrap_extensions}. Immutable; a function of its arguments. */
public interface BootstrapExtensionParser {

  /** The default instance of its message. */
  Message type();

  /**
   * Parses the extension.
   *
   * @param config of the type of {@link #type()}
   * @return what the process uses; null if something is wrong, which has been noted in the scope
   */
  @Nullable Object parse(Message config, Scope scope);
}
