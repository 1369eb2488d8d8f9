package io.handfast.proxy.postgres.sql;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/**
 * What of a session's settings decides how PostgreSQL's scanner reads a text. Both are told by
 * ParameterStatus, at the start and whenever they change. Immutable.
 *
 * <p>A text is read with what the server holds when it comes to that message. So a client that
 * pipelines one behind a statement that {@linkplain SqlCommand#changesReading changes them} has to
 * be held until the server has answered.
 *
 * @param standardConformingStrings whether a backslash in {@code '…'} is a backslash
 * @param clientEncoding as the server spells it, such as {@code UTF8}
 */
public record SqlSettings(boolean standardConformingStrings, String clientEncoding) {
  /** What nearly everybody has. */
  public static final SqlSettings DEFAULT = new SqlSettings(true, "UTF8");

  static final String STANDARD_CONFORMING_STRINGS = "standard_conforming_strings";
  static final String CLIENT_ENCODING = "client_encoding";

  /**
   * Encodings of which a byte behind the first of a character may look like ASCII, a quote's or a
   * backslash's; for clients only, for the server itself could not read them (PostgreSQL, {@code
   * pg_wchar.h}).
   */
  private static final Set<String> UNSAFE =
      Set.of("SJIS", "BIG5", "GBK", "UHC", "GB18030", "JOHAB", "SHIFTJIS2004");

  /** Encodings of which all bytes of a character beyond ASCII have their highest bit set. */
  private static final Set<String> SAFE =
      Set.of(
          "SQLASCII",
          "EUCJP",
          "EUCCN",
          "EUCKR",
          "EUCTW",
          "EUCJIS2004",
          "UTF8",
          "MULEINTERNAL",
          "KOI8R",
          "KOI8U",
          "WIN866",
          "WIN874");

  private static final Set<String> SAFE_FAMILIES = Set.of("LATIN", "ISO8859", "WIN125");

  /** These settings with what a ParameterStatus says; they stay if it tells of something else. */
  public SqlSettings parameter(String name, String value) {
    return switch (name) {
      case STANDARD_CONFORMING_STRINGS ->
          new SqlSettings(!value.equalsIgnoreCase("off"), clientEncoding);
      case CLIENT_ENCODING -> new SqlSettings(standardConformingStrings, value);
      default -> this;
    };
  }

  /**
   * Whether only texts of ASCII can be read: in all encodings of PostgreSQL a byte below 128 that
   * stands alone is ASCII's, but not in all behind another one. An encoding not known here is not
   * trusted either.
   */
  public boolean asciiOnly() {
    if (clientEncoding.equals("UTF8")) {
      return false;
    }
    String name = clientEncoding.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "");
    return UNSAFE.contains(name)
        || !(SAFE.contains(name) || SAFE_FAMILIES.stream().anyMatch(name::startsWith));
  }

  /** By which names are decoded: they only have to be the same for the same bytes. */
  public Charset charset() {
    return clientEncoding.equals("UTF8") ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
  }
}
