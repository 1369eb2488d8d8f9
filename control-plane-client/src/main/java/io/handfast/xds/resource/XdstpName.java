package io.handfast.xds.resource;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A federated name, {@code xdstp://authority/type/id?context#directives} (gRPC A47, Envoy's {@code
 * xds.core.v3.ResourceLocator}). Two names with the same context parameters in another order are
 * the same; directives are instructions to the client and no part of the name.
 *
 * @param authority who answers for it; may be empty
 * @param resourceType full name of its message
 * @param id the rest of the path; of a collection it ends with {@code /*}
 * @param context the context parameters
 * @param directives such as {@code alt=xdstp://…}, as they were written
 */
public record XdstpName(
    String authority,
    String resourceType,
    String id,
    SortedMap<String, String> context,
    List<String> directives) {

  private static final String SCHEME = "xdstp://";
  private static final String GLOB = "*";

  private static final String RESERVED_IN_AUTHORITY = "%/?#";
  private static final String RESERVED_IN_PATH = "%:?#[]";
  private static final String RESERVED_IN_CONTEXT = "%#[]&=";

  public XdstpName {
    context = Collections.unmodifiableSortedMap(new TreeMap<>(context));
    directives = List.copyOf(directives);
  }

  /** Whether the name is meant as one of these. */
  public static boolean isXdstp(String name) {
    return name.startsWith(SCHEME);
  }

  /** The canonical form of a federated name; every other name, and a malformed one, as it is. */
  public static String normalise(String name) {
    if (!isXdstp(name)) {
      return name;
    }
    try {
      return parse(name).canonical();
    } catch (InvalidConfigException malformed) {
      return name;
    }
  }

  /**
   * Whether a resource of that type may have that name.
   *
   * @return empty, or what is wrong with it
   */
  public static String problem(String name, ResourceType<?> type) {
    if (!isXdstp(name)) {
      return "";
    }
    try {
      String expected = TypeRegistry.nameOf(type.typeUrl());
      return parse(name).resourceType().equals(expected)
          ? ""
          : name + " (expected: a name of " + expected + ")";
    } catch (InvalidConfigException e) {
      return e.errors().getFirst().problem();
    }
  }

  /** Reads a name. */
  public static XdstpName parse(String name) throws InvalidConfigException {
    if (!isXdstp(name)) {
      throw malformed(name);
    }
    String rest = name.substring(SCHEME.length());
    int hash = rest.indexOf('#');
    List<String> directives =
        hash < 0 ? List.of() : List.of(rest.substring(hash + 1).split(",", -1));
    rest = hash < 0 ? rest : rest.substring(0, hash);
    int question = rest.indexOf('?');
    SortedMap<String, String> context =
        question < 0 ? new TreeMap<>() : context(name, rest.substring(question + 1));
    rest = question < 0 ? rest : rest.substring(0, question);
    int typeAt = rest.indexOf('/') + 1;
    int idAt = rest.indexOf('/', typeAt) + 1;
    if (typeAt == 0 || idAt <= typeAt + 1 || idAt == rest.length()) {
      throw malformed(name);
    }
    return new XdstpName(
        decode(name, rest.substring(0, typeAt - 1)),
        decode(name, rest.substring(typeAt, idAt - 1)),
        decode(name, rest.substring(idAt)),
        context,
        directives);
  }

  private static SortedMap<String, String> context(String name, String text)
      throws InvalidConfigException {
    SortedMap<String, String> context = new TreeMap<>();
    for (String pair : text.isEmpty() ? List.<String>of() : List.of(text.split("&", -1))) {
      int equals = pair.indexOf('=');
      if (equals <= 0) {
        throw malformed(name);
      }
      String key = decode(name, pair.substring(0, equals));
      if (context.put(key, decode(name, pair.substring(equals + 1))) != null) {
        throw malformed(name);
      }
    }
    return context;
  }

  /** The name without directives, its context parameters sorted. */
  public String canonical() {
    StringBuilder text = new StringBuilder(SCHEME);
    encode(authority, RESERVED_IN_AUTHORITY, text);
    text.append('/').append(resourceType).append('/');
    encode(id, RESERVED_IN_PATH, text);
    char separator = '?';
    for (Map.Entry<String, String> each : context.entrySet()) {
      text.append(separator);
      encode(each.getKey(), RESERVED_IN_CONTEXT, text);
      text.append('=');
      encode(each.getValue(), RESERVED_IN_CONTEXT, text);
      separator = '&';
    }
    return text.toString();
  }

  /** Whether it names a collection: everything of its path. */
  public boolean isCollection() {
    return id.equals(GLOB) || id.endsWith("/" + GLOB);
  }

  /** Whether that resource belongs to this collection. */
  public boolean covers(XdstpName other) {
    return isCollection()
        && authority.equals(other.authority)
        && resourceType.equals(other.resourceType)
        && context.equals(other.context)
        && other.id.startsWith(id.substring(0, id.length() - GLOB.length()));
  }

  private static void encode(String part, String reserved, StringBuilder out) {
    for (byte b : part.getBytes(StandardCharsets.UTF_8)) {
      if (b > ' ' && b < 0x7f && reserved.indexOf(b) < 0) {
        out.append((char) b);
      } else {
        out.append(String.format(Locale.ROOT, "%%%02X", b));
      }
    }
  }

  private static String decode(String name, String part) throws InvalidConfigException {
    if (part.indexOf('%') < 0) {
      return part;
    }
    byte[] from = part.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(from.length);
    for (int i = 0; i < from.length; i++) {
      if (from[i] != '%') {
        bytes.put(from[i]);
        continue;
      }
      int high = i + 2 < from.length ? Character.digit(from[i + 1], 16) : -1;
      int low = i + 2 < from.length ? Character.digit(from[i + 2], 16) : -1;
      if (high < 0 || low < 0) {
        throw malformed(name);
      }
      bytes.put((byte) (high << 4 | low));
      i += 2;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
    } catch (CharacterCodingException e) {
      throw malformed(name);
    }
  }

  private static InvalidConfigException malformed(String name) {
    return new InvalidConfigException(
        "", name + " (expected: xdstp://authority/type/id?key=value&… with each key once)");
  }
}
