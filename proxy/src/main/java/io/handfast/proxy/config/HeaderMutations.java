package io.handfast.proxy.config;

import java.util.List;
import java.util.stream.Stream;

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

  /**
   * These and then those of the next level, as one: what that removes is removed also if it was
   * added here.
   */
  public HeaderMutations then(HeaderMutations next) {
    if (next.isEmpty()) {
      return this;
    }
    return new HeaderMutations(
        union(requestRemove, next.requestRemove),
        added(requestSet, next.requestRemove, next.requestSet),
        union(responseRemove, next.responseRemove),
        added(responseSet, next.responseRemove, next.responseSet));
  }

  private static List<String> union(List<String> first, List<String> next) {
    return Stream.concat(first.stream(), next.stream()).distinct().toList();
  }

  private static List<HeaderSet> added(
      List<HeaderSet> first, List<String> nextRemove, List<HeaderSet> next) {
    return Stream.concat(
            first.stream().filter(set -> !nextRemove.contains(set.name())), next.stream())
        .toList();
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
   * @param value with the command operators of the access log; {@code %%} for a percent sign
   * @param ifPresent what happens if the field is there already
   * @param keepEmpty add it also if nothing comes of the value
   */
  public record HeaderSet(String name, String value, IfPresent ifPresent, boolean keepEmpty) {

    /** Not added if nothing comes of the value. */
    public HeaderSet(String name, String value, IfPresent ifPresent) {
      this(name, value, ifPresent, false);
    }

    public HeaderSet {
      Checks.notEmpty("key", name);
    }
  }
}
