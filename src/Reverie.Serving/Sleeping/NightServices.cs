using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Serving;

/// <summary>Makes nights part of a server.</summary>
public static class NightServices
{
    /// <summary>Adds <see cref="Nights"/> for the default model; the server gives an <see cref="IJournal"/> and the catalog.</summary>
    /// <param name="services">The server's services; an <see cref="ISleepingModel"/> that is there stays.</param>
    /// <param name="workspace">Where models and adapters are.</param>
    /// <param name="users">For whom it sleeps.</param>
    /// <param name="at">When it sleeps by itself, local time; null for only when somebody asks.</param>
    public static IServiceCollection AddNights(this IServiceCollection services, Workspace workspace, UserStore users, TimeOnly? at = null)
    {
        services.TryAddSingleton(workspace);
        services.TryAddSingleton<ISleepingModel, SleepingModel>();
        services.AddSingleton<Nights>();
        services.AddHostedService(provider => provider.GetRequiredService<Nights>());
        if (at is not { } time) return services;
        services.AddLogging(logging => logging.AddFilter(typeof(NightService).FullName, LogLevel.Information));
        return services.AddHostedService(provider => new NightService(provider.GetRequiredService<Nights>(), users, provider.GetRequiredService<IJournal>(), time,
            provider.GetService<TimeProvider>() ?? TimeProvider.System, provider.GetRequiredService<ILogger<NightService>>()));
    }
}
