namespace Reverie.Web;

internal static class Placeholder;
