using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace Reverie.Web;

/// <summary>
/// The page's scripts, styles and pictures, carried by this assembly, so that it works from any folder and in any package. The
/// address of each holds the hash of its content: browsers keep it for ever and yet never show an old one.
/// </summary>
internal static class PageAssets
{
    private static readonly Dictionary<string, Asset> _assets = Read();

    /// <summary>The address of an asset, relative to the page's base.</summary>
    /// <param name="name">Its name, such as <c>page.css</c>.</param>
    public static string Path(string name) => $"_page/{_assets[name].Hash}/{name}";

    /// <summary>Serves them.</summary>
    public static RouteHandlerBuilder Map(IEndpointRouteBuilder routes) => routes.MapGet("/_page/{hash}/{name}", (string hash, string name, HttpContext context) =>
    {
        if (!_assets.TryGetValue(name, out Asset? asset) || asset.Hash != hash) return Results.NotFound();
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        context.Response.Headers.Vary = "Accept-Encoding";
        bool compressed = AcceptsBrotli(context.Request.Headers.AcceptEncoding);
        if (compressed) context.Response.Headers.ContentEncoding = "br";
        return Results.Bytes(compressed ? asset.Brotli : asset.Content, asset.Type);
    });

    private static bool AcceptsBrotli(StringValues accepted) => accepted.Any(a => a is not null && a.Split(',').Any(e => e.Trim() == "br"));

    private static Dictionary<string, Asset> Read()
    {
        var assets = new Dictionary<string, Asset>();
        Assembly assembly = typeof(PageAssets).Assembly;
        foreach (string name in assembly.GetManifestResourceNames())
        {
            using Stream stream = assembly.GetManifestResourceStream(name)!;
            byte[] content = new byte[stream.Length];
            stream.ReadExactly(content);
            string type = System.IO.Path.GetExtension(name) switch { ".js" => "text/javascript; charset=utf-8", ".css" => "text/css; charset=utf-8", _ => "image/svg+xml" };
            assets[name] = new Asset(Convert.ToHexStringLower(SHA256.HashData(content))[..12], type, content, Compress(content));
        }

        return assets;
    }

    private static byte[] Compress(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var brotli = new BrotliStream(compressed, CompressionLevel.Optimal)) brotli.Write(content);
        return compressed.ToArray();
    }

    private sealed record Asset(string Hash, string Type, byte[] Content, byte[] Brotli);
}
