package io.handfast.demo.town;

import java.util.regex.Pattern;

/**
 * The mesh's files as they are where sidecars keep their records in etcd: the store is another, and
 * both pods of {@code transfers} may end what one of them has begun, for they share a database.
 * Pure.
 */
final class EtcdFiles {
  /** How long a sidecar may be silent before the other pod's takes over. */
  static final String LEASE = "2s";

  private static final Pattern JOURNAL = Pattern.compile("journal: \\{ directory: [^}]* }");
  private static final Pattern CALLBACK = Pattern.compile("(?m)^( *)callback:$");

  private EtcdFiles() {}

  /**
   * The file of a member, with its ports moved.
   *
   * @param ports say which pod of {@code transfers} is meant
   */
  static String rewrite(String file, Ports.Member own, Ports ports) {
    String store =
        "etcd: { endpoints: [\"%s\"], prefix: /handfast, lease: %s }".formatted(url(ports), LEASE);
    String text = JOURNAL.matcher(ports.rewrite(file)).replaceAll(store);
    if (own != Ports.Member.TRANSFERS) {
      return text;
    }
    text = CALLBACK.matcher(text).replaceAll("$1callback:\n$1  replicas: EQUIVALENT");
    return text.replace("id: transfers-1", "id: " + pod(ports));
  }

  /** Where etcd answers. */
  static String url(Ports ports) {
    return "http://127.0.0.1:" + ports.etcd();
  }

  /** The name of the pod of {@code transfers} that has these ports. */
  static String pod(Ports ports) {
    return ports.second() ? "transfers-2" : "transfers-1";
  }
}
