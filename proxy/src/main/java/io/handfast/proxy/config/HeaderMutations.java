package io.handfast.proxy.config;

import java.util.List;

/**
 * Header fields to remove and to add, in this order.
 *
 * @param requestRemove lower case names, removed from the request
 * @param requestSet added to the request
 * @param responseRemove lower case names, removed from the response
 * @param responseSet added to the response
 */
public record HeaderMutations(
    List<String> requestRemove,
    List<HeaderSet> requestSet,
    List<String> responseRemove,
    List<HeaderSet> responseSet) {

  public static final HeaderMutations NONE =
      new HeaderMutations(List.of(), List.of(), List.of(), List.of());

  public HeaderMutations {
    requestRemove = List.copyOf(requestRemove);
    requestSet = List.copyOf(requestSet);
    responseRemove = List.copyOf(responseRemove);
    responseSet = List.copyOf(responseSet);
  }

  /** Nothing to do. */
  public boolean isEmpty() {
    return requestRemove.isEmpty()
        && requestSet.isEmpty()
        && responseRemove.isEmpty()
        && responseSet.isEmpty();
  }

  /** What happens if the field is there already. */
  public enum IfPresent {
    APPEND,
    KEEP,
    OVERWRITE,
    /** Overwrite if it is there, add nothing otherwise. */
    OVERWRITE_ONLY
  }

  /**
   * One field to add.
   *
   * @param name lower case
   * @param value literal
   * @param ifPresent what happens if the field is there already
   */
  public record HeaderSet(String name, String value, IfPresent ifPresent) {
    public HeaderSet {
      Checks.notEmpty("key", name);
    }
  }
}
