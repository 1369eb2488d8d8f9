package io.handfast.xds.stream;

import io.handfast.xds.protocol.Effect;
import io.handfast.xds.protocol.Update;
import io.handfast.xds.resource.ResourceFault;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Whoever keeps what comes. Called on the client's executor; must not block. */
public interface ResourceHandler {

  /**
   * Checks an update and keeps what is good of it. The next response is read when the stage ends,
   * so it must not wait for anything that a later response brings.
   *
   * @return one fault for each resource that is not kept; a stage that fails is a bug, and refuses
   *     all of the update
   */
  CompletionStage<List<ResourceFault>> apply(Update update);

  /** Resources that are not there, or no longer. */
  void lost(Effect.Lost lost);

  /** Something is wrong on the way of those resources. */
  void failed(Effect.Failed failed);

  /**
   * Every server was asked in vain, and none has told anything yet; told again with each attempt.
   */
  default void unreachable() {}

  /** From now on it is another server that tells: what it does not tell of is to be forgotten. */
  void serverChanged();
}
