package io.handfast.proxy.listener;

import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.NetworkAddress;
import java.io.IOException;

/** An address of a listener cannot be bound; the message is a sentence that names both. */
public final class CannotListenException extends IOException {
  private static final long serialVersionUID = 1L;

  CannotListenException(ListenerConfig config, NetworkAddress address, Throwable cause) {
    super(
        switch (address) {
          case NetworkAddress.Tcp _ ->
              "listener %s: cannot listen on %s: %s (expected: a free address of this host)"
                  .formatted(config.name(), address, cause.getMessage());
          case NetworkAddress.Pipe _ ->
              "listener %s: cannot listen on %s: %s"
                  .formatted(config.name(), address, cause.getMessage());
        },
        cause);
  }
}
