package io.handfast.proxy.crash.participation;

import java.util.Locale;

/** Where a service with its sidecar and its database is. */
enum Place {
  /** Where transactions begin; calls the back. */
  FRONT,
  BACK;

  String title() {
    return name().toLowerCase(Locale.ROOT);
  }
}
