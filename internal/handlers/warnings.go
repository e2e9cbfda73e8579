package handlers

import (
	"github.com/voxwarden/voxwarden/internal/operations"
	"github.com/voxwarden/voxwarden/views/page"
	"github.com/voxwarden/voxwarden/views/ui"
)

// warningBanners returns the banners of warnings, and the values with which the form reports that it showed them.
func warningBanners(warnings []operations.Warning, login string) (ids []string, banners []ui.Banner) {
	for _, w := range warnings {
		ids = append(ids, string(w))
		banners = append(banners, page.WarningBanner(page.Warning(w), login))
	}
	return ids, banners
}

// shownWarnings returns the warnings that a form showed.
func shownWarnings(f form) []operations.Warning {
	var warned []operations.Warning
	for _, text := range f.values["warned"] {
		warned = append(warned, operations.Warning(text))
	}
	return warned
}
