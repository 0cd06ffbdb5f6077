namespace Reverie.Chat;

internal static class Placeholder;
