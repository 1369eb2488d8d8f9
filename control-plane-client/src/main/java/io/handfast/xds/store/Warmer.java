package io.handfast.xds.store;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Makes a snapshot ready for traffic before it gets any: first DNS answers, later endpoints and
 * certificates.
 *
 * @param <S> the snapshot
 */
@FunctionalInterface
public interface Warmer<S> {

  /**
   * Begins to warm. The stage ends when everything is there or has failed for now; the store waits
   * for it no longer than its own limit. Must not block.
   */
  CompletionStage<@Nullable Void> warm(S next);
}
