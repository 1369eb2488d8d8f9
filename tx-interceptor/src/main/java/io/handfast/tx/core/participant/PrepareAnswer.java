package io.handfast.tx.core.participant;

/** What the service said when it was asked to prepare. */
public enum PrepareAnswer {
  /** It can commit and can abort from now on. */
  PREPARED,
  /** It has nothing to commit and nothing to undo: the branch drops out. */
  READ_ONLY,
  /** It cannot commit, or did not say so in time: the branch votes no, and is undone. */
  REFUSED
}
