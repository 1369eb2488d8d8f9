package io.handfast.xds.cache;

import com.google.protobuf.Message;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.store.ResourceSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;

/**
 * What control planes had sent by some time.
 *
 * @param owner whose it is
 * @param epochMillis when it was published
 * @param resources of control planes; what is static is not looked at
 */
public record SavedConfig(CacheOwner owner, long epochMillis, ResourceSet resources) {

  /** What of a type came from control planes. */
  static <M extends Message> List<Offered<M>> sent(ResourceSet resources, ResourceType<M> type) {
    return resources.get(type).stream().filter(each -> !ResourceSet.isStatic(each)).toList();
  }

  /** How many of each type there are and which version, for people. */
  public String summary() {
    StringJoiner text = new StringJoiner(", ");
    for (ResourceType<?> type : ResourceType.ALL) {
      Set<String> versions = new TreeSet<>();
      List<? extends Offered<?>> sent = sent(resources, type);
      sent.forEach(each -> versions.add(each.version()));
      if (!sent.isEmpty()) {
        text.add(
            type
                + ": "
                + sent.size()
                + (versions.size() == 1
                    ? " of version '" + versions.iterator().next() + "'"
                    : " of " + versions.size() + " versions"));
      }
    }
    return text.length() == 0 ? "nothing" : text.toString();
  }
}
