using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Reverie.Serving;

/// <summary>What the OpenAPI document says beside the endpoints.</summary>
internal static class ApiDescription
{
    private const string Scheme = "key";

    /// <summary>Adds title and keys, and leaves out what is not of the API.</summary>
    public static void Apply(OpenApiOptions options)
    {
        options.ShouldInclude = endpoint => endpoint.ActionDescriptor.EndpointMetadata.Any(m => m is NeedsUser) || endpoint.RelativePath == "health";
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Reverie",
                Version = typeof(ApiDescription).Assembly.GetName().Version?.ToString(3),
                Description = "Language models by the interfaces of OpenAI and Anthropic. Where the server has keys, send one as a bearer token or as x-api-key.",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme> { [Scheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" } };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] }];
            return Task.CompletedTask;
        });
    }
}
